/** What Slack tells a person whose click or form an app did not answer well. */
export function warningWords(warning: string): string {
  const status = /^http_(\d+)$/.exec(warning)?.[1];
  if (status !== undefined) return `This app responded with Status Code ${status}.`;
  if (warning === 'operation_timeout') return 'Operation timed out. Apps need to respond within 3 seconds.';
  if (warning === 'connection_failed') return 'This app could not be reached.';
  return `This app gave an answer that Slack does not understand: ${warning}.`;
}

/** What Slack says of a button whose app has no address. */
export const NOT_CONFIGURED = 'This app is not configured to handle interactive responses.';
