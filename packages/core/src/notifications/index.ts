export { claimNotification, type JobNotification } from './claim-notification.ts';
export { settleNotification } from './settle-notification.ts';
