export const TEAM = 'T0TEAM00001';
export const OWN_APP = 'A0LISTENER1';
export const PIPELINE_APP = 'A0APP000001';
export const RESPONSE_URL = 'https://hooks.slack.com/actions/T0TEAM00001/1/abc';

type Change = Readonly<Record<string, unknown>>;

/** A click on a button of a message, in the form of Slack's samples; `change` replaces top-level keys. */
export function clickPayload(actionId: string, change: Change = {}): Record<string, unknown> {
  return {
    type: 'block_actions',
    user: { id: 'U0ALICE0001', username: 'alice', name: 'alice', team_id: TEAM },
    api_app_id: OWN_APP,
    token: 'legacy',
    container: {
      type: 'message',
      message_ts: '1700000000.000100',
      channel_id: 'C0RELEASES1',
      is_ephemeral: false,
    },
    trigger_id: '1.2.3',
    team: { id: TEAM, domain: 'fake' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: 'C0RELEASES1', name: 'releases' },
    message: { ts: '1700000000.000100', text: 'Approve?' },
    state: { values: {} },
    response_url: RESPONSE_URL,
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: 'b1',
        value: 'v',
        text: { type: 'plain_text', text: 'Approve' },
        action_ts: '1700000001.000100',
      },
    ],
    ...change,
  };
}

/** A modal that was submitted. */
export function submissionPayload(callbackId: string, change: Change = {}): Record<string, unknown> {
  return {
    type: 'view_submission',
    user: { id: 'U0ALICE0001', name: 'alice', team_id: TEAM },
    api_app_id: OWN_APP,
    team: { id: TEAM, domain: 'fake' },
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: '1.2.3',
    view: {
      id: 'V1',
      hash: '156.abc',
      type: 'modal',
      callback_id: callbackId,
      private_metadata: 'request-1',
      state: { values: { why: { reason: { type: 'plain_text_input', value: ' late release ' } } } },
      app_id: OWN_APP,
    },
    response_urls: [],
    ...change,
  };
}

/** The fields of a slash command. */
export function commandFields(command: string, change: Record<string, string> = {}): Record<string, string> {
  return {
    token: 'legacy',
    team_id: TEAM,
    team_domain: 'fake',
    channel_id: 'C0RELEASES1',
    channel_name: 'releases',
    user_id: 'U0ALICE0001',
    user_name: 'alice',
    command,
    text: 'list mine',
    api_app_id: OWN_APP,
    is_enterprise_install: 'false',
    response_url: RESPONSE_URL,
    trigger_id: '1.2.3',
    ...change,
  };
}

/** A step of a workflow to be run. */
export function stepEvent(eventId: string, change: Change = {}): Record<string, unknown> {
  return {
    type: 'event_callback',
    token: 'legacy',
    team_id: TEAM,
    api_app_id: OWN_APP,
    event_id: eventId,
    event_time: 1_700_000_000,
    event: {
      type: 'function_executed',
      function: { id: 'Fn1', callback_id: 'aws_access', title: 'Access' },
      inputs: { project: 'payments' },
      function_execution_id: 'Fx1',
      workflow_execution_id: 'Wx1',
      event_ts: '1700000000.000100',
      bot_access_token: 'xwfp-sensitive',
    },
    ...change,
  };
}
