import { formatYaml } from '../kit/yaml.ts';
import { risksOf } from './config/risks.ts';
import { showConfig } from './config/show-config.ts';
import type { Verb } from './verb.ts';
import { readOptions } from './verbs/options.ts';

const NO_FILE = { path: '--config', message: 'is not given, nor LISTENER_CONFIG: no file was read' };

/** Validates the configuration, prints it as it is in effect without secrets, and warns of each risk it sees. */
export const checkConfig: Verb = {
  name: 'check-config',
  usage: '',
  summary: 'checks the configuration, prints it without secrets, and warns of risks',
  run({ config, resolved, file, say, warn }, args) {
    readOptions(args, [], {});
    say(formatYaml(showConfig(config, resolved)).trimEnd());
    const risks = [...(file === undefined ? [NO_FILE] : []), ...risksOf(config, resolved)];
    for (const { path, message } of risks) warn(`listener: warning: ${path}: ${message}`);
    warn(`listener: the configuration is valid, ${risks.length} warning${risks.length === 1 ? '' : 's'}`);
    return Promise.resolve(0);
  },
};
