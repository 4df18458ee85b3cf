/** SigV4's own limit for presigned links, 7 days in seconds. */
export const LONGEST_PRESIGN_SECONDS = 604_800;
