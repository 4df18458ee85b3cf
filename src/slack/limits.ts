/** Slack's limits of uploads, checked before the first call (S3; slack.md 1.1): bytes of a file, files of a completion. */
export const LARGEST_UPLOAD = 1024 ** 3;
export const MOST_UPLOADS = 14;
/** Characters of a button's `url`; a session token alone can pass it (S10). */
export const LONGEST_URL = 3000;
