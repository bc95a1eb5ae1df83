import { config } from 'zod';

// The page's security policy forbids code made from strings, which zod would try for speed. Comes before the schemas.
config({ jitless: true });
