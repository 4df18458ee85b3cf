import type { ServerResponse } from 'node:http';

/** Tells open pages, by server-sent events, that something in the workspace may have changed. */
export interface Changes {
  announce(): void;
  subscribe(response: ServerResponse): void;
}

/** A list of open pages. Connections leave it when they close. */
export function createChanges(): Changes {
  const pages = new Set<ServerResponse>();
  return {
    announce() {
      for (const page of pages) page.write('data: changed\n\n');
    },
    subscribe(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      pages.add(response);
      response.once('close', () => pages.delete(response));
    },
  };
}
