export interface Click {
  /** The message's ts. */
  readonly message: string;
  readonly block: unknown;
  readonly action: unknown;
  readonly value: unknown;
}

/** Tells the workspace that a button was clicked, and gives the sentence to show beside it. */
export async function sendClick(click: Click): Promise<string> {
  const answer = await fetch('/click', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(click),
  });
  return answer.text();
}
