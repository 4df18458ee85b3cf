import type { Outcome } from '../workspace/model.ts';

/** Tells the workspace what a person did; what came of it. A workspace that does not answer is a warning, too. */
export async function postJson(path: '/click' | '/submit' | '/close', body: object): Promise<Outcome> {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : { warning: await answer.text() };
  } catch {
    return { warning: 'The workspace does not answer.' };
  }
}
