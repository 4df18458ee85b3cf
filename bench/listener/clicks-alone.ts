import { systemClock } from '../../src/kit/clock.ts';
import { createRedactor } from '../../src/kit/redact.ts';
import { readConfig } from '../../src/listener/config/read-config.ts';
import { createListenerLog } from '../../src/listener/log.ts';
import { serve } from '../../src/listener/serve.ts';
import { slackFeature } from '../../src/listener/slack-feature.ts';

// The listener's own parts, put together so that a click is taken, saved and acknowledged, and nothing follows from it. On
// SQLite no listener runs so: it would never post a card.
const clock = systemClock;
const redactor = createRedactor();
const write = (line: string) => process.stdout.write(line);
const log = createListenerLog({ write, redactor, clock, level: () => 'info' });
const ports = { env: process.env, clock, log, redactor };
const { config } = await readConfig(process.argv[2], ports);
await serve({ ...config, role: 'intake' }, [slackFeature], {
  ...ports,
  program: process,
  onStale: () => undefined,
});
