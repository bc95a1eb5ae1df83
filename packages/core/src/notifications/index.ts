export { claimNotification, type JobNotification } from './claim-notification.ts';
export { settleNotification, type DeliveryResult } from './settle-notification.ts';
