/** Names that a call may not set: ours, those of the connection, and what SigV4 must not or does not cover (P18, P30). */
const RESERVED =
  /^(?:host|authorization|x-amz.*|x-apigw-api-id|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*)$/;

// Proxies on the way may change these, and no signer of AWS covers them.
const UNSIGNED = /^(?:cache-control|from|max-forwards|pragma|referer|user-agent|sec-.*)$/;

/** What is wrong with a header of a call, in words that follow its name; undefined when it may be sent. */
export function headerProblem(name: string, value: string): string | undefined {
  const lower = name.toLowerCase();
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower)) return 'is not the name of a header';
  if (lower === 'x-apigw-api-id') return 'is set by source.gateway.api_id';
  if (RESERVED.test(lower)) return 'is set by the resource itself: remove it';
  // A line break would begin a header of its own; other bytes have no agreed encoding, so no sure signature.
  if (!/^[\t\u0020-\u007e]*$/.test(value)) return 'holds a line break or a character outside ASCII';
  return undefined;
}

/** Whether SigV4 covers a header: what proxies may change is sent beside the signature. */
export function isSignable(name: string): boolean {
  return !UNSIGNED.test(name.toLowerCase());
}
