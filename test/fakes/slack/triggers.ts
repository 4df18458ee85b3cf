import { randomBytes } from 'node:crypto';
import type { SlackApp } from './apps.ts';
import { Refusal } from './refusal.ts';
import type { Trigger, Workspace } from './workspace.ts';

const lifeMs = 3000;

/** A clock by which things grow old. */
export type Ages = Pick<Workspace, 'now' | 'aged'>;

/** A new trigger of a person's doing, in the documented form `13345224609.738474920.8088930838d88f008e0`. */
export function issueTrigger(
  slack: Ages & Pick<Workspace, 'triggers'>,
  given: { readonly app: string; readonly user: string; readonly view?: string | undefined },
): Trigger {
  const number = () => String(randomBytes(4).readUInt32BE());
  const trigger: Trigger = {
    id: `${number()}.${number()}.${randomBytes(10).toString('hex')}`,
    app: given.app,
    user: given.user,
    at: aging(slack),
    view: given.view,
    used: false,
  };
  slack.triggers.set(trigger.id, trigger);
  return trigger;
}

/** Exchanges a trigger for a modal: its own app, within three seconds, once. */
export function exchangeTrigger(
  slack: Ages & Pick<Workspace, 'triggers'>,
  id: string,
  app: Pick<SlackApp, 'id'>,
): Trigger {
  const trigger = slack.triggers.get(id);
  if (trigger === undefined || trigger.app !== app.id) throw new Refusal('invalid_trigger_id');
  if (trigger.used) throw new Refusal('exchanged_trigger_id');
  if (aging(slack) - trigger.at > lifeMs) throw new Refusal('expired_trigger_id');
  trigger.used = true;
  return trigger;
}

/** The time by which triggers and response URLs age. */
export function aging(slack: Ages): number {
  return slack.now() + slack.aged;
}
