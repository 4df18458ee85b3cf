/** Messages as pipelines send them, and as Slack's own pages show them: nothing in them is wrong. */
export const SAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  'a deploy report': [
    {
      type: 'header',
      text: { type: 'plain_text', text: 'app 1.2.3 is in production :rocket:', emoji: true },
    },
    {
      type: 'section',
      block_id: 'facts',
      fields: [
        { type: 'mrkdwn', text: '*Pipeline*\nmain/app' },
        { type: 'mrkdwn', text: '*Build*\n<https://ci.test/builds/42|#42>' },
        { type: 'plain_text', text: 'took 3m12s' },
      ],
    },
    { type: 'divider' },
    {
      type: 'context',
      elements: [
        { type: 'image', image_url: 'https://ci.test/concourse.png', alt_text: 'Concourse' },
        { type: 'mrkdwn', text: 'triggered by <@U0123ABCD>' },
      ],
    },
  ],
  'an approval card': [
    {
      type: 'section',
      text: { type: 'mrkdwn', text: 'Ship *1.2.3* to production?', verbatim: true },
      expand: true,
      accessory: {
        type: 'overflow',
        action_id: 'more',
        options: [
          {
            text: { type: 'plain_text', text: 'Open the build' },
            value: 'build',
            url: 'https://ci.test/builds/42',
          },
        ],
      },
    },
    {
      type: 'actions',
      block_id: 'decision',
      elements: [
        {
          type: 'button',
          text: { type: 'plain_text', text: 'Approve' },
          action_id: 'approve',
          value: 'a1',
          style: 'primary',
        },
        {
          type: 'button',
          text: { type: 'plain_text', text: 'Deny' },
          action_id: 'deny',
          value: 'a1',
          style: 'danger',
          confirm: {
            title: { type: 'plain_text', text: 'Deny?' },
            text: { type: 'mrkdwn', text: 'The *deploy* stops.' },
            confirm: { type: 'plain_text', text: 'Deny' },
            deny: { type: 'plain_text', text: 'Cancel' },
            style: 'danger',
          },
        },
        { type: 'button', text: { type: 'plain_text', text: 'Diff' }, url: 'http://git.test/compare/a..b' },
      ],
    },
  ],
  'private and public images': [
    {
      type: 'image',
      slack_file: { id: 'F0123456789' },
      alt_text: 'CPU of the last hour',
      title: { type: 'plain_text', text: 'CPU' },
    },
    { type: 'image', image_url: 'https://a.test/graph.png', alt_text: '' },
    {
      type: 'section',
      text: { type: 'plain_text', text: 'from a link' },
      accessory: {
        type: 'image',
        slack_file: { url: 'https://files.slack.com/files-pri/T1-F1/x.png' },
        alt_text: 'x',
      },
    },
  ],
  'menus and pickers': [
    {
      type: 'actions',
      elements: [
        {
          type: 'static_select',
          placeholder: { type: 'plain_text', text: 'Environment' },
          option_groups: [
            {
              label: { type: 'plain_text', text: 'EU' },
              options: [{ text: { type: 'plain_text', text: 'eu-west-1' }, value: 'eu-west-1' }],
            },
          ],
        },
        { type: 'users_select', initial_user: 'U0123ABCD' },
        { type: 'multi_channels_select', max_selected_items: 3 },
        { type: 'datepicker', initial_date: '2026-11-23' },
        { type: 'datetimepicker', initial_date_time: 1_795_428_000 },
        { type: 'timepicker', initial_time: '10:00' },
        {
          type: 'checkboxes',
          options: [
            {
              text: { type: 'mrkdwn', text: '*canary*' },
              value: 'canary',
              description: { type: 'mrkdwn', text: '_5%_ first' },
            },
          ],
        },
        {
          type: 'workflow_button',
          text: { type: 'plain_text', text: 'Run' },
          workflow: { trigger: { url: 'https://slack.com/shortcuts/Ft1/x' } },
        },
      ],
    },
    {
      type: 'input',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', multiline: true, max_length: 500 },
      dispatch_action: true,
    },
    {
      type: 'context_actions',
      elements: [
        {
          type: 'feedback_buttons',
          positive_button: { text: { type: 'plain_text', text: 'Good' }, value: 'y' },
          negative_button: { text: { type: 'plain_text', text: 'Bad' }, value: 'n' },
        },
        { type: 'icon_button', icon: 'trash', text: { type: 'plain_text', text: 'Delete' } },
      ],
    },
  ],
  'rich text, markdown and tables': [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'by ', style: { bold: true } },
            { type: 'user', user_id: 'U0123ABCD' },
            { type: 'link', url: 'mailto:team@a.test' },
            {
              type: 'date',
              timestamp: 1_795_428_000,
              format: '{date_short_pretty}',
              fallback: '2026-11-23',
            },
            { type: 'something_new', value: 1 },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'ordered',
          indent: 1,
          elements: [{ type: 'rich_text_section', elements: [] }],
        },
        {
          type: 'rich_text_preformatted',
          border: 0,
          elements: [{ type: 'text', text: 'make: *** [all] Error 1' }],
        },
        {
          type: 'rich_text_quote',
          elements: [
            { type: 'emoji', name: 'wave' },
            { type: 'broadcast', range: 'here' },
          ],
        },
      ],
    },
    { type: 'markdown', text: '# Release notes\n\n- **fast**' },
    {
      type: 'table',
      column_settings: [{ is_wrapped: true }, null, { align: 'right' }],
      rows: [
        [
          { type: 'raw_text', text: 'suite' },
          { type: 'rich_text', elements: [] },
        ],
        [{ type: 'raw_number', value: 3, text: '3' }],
      ],
    },
    {
      type: 'data_table',
      caption: 'Slowest tests',
      page_size: 10,
      row_header_column_index: 0,
      rows: [
        [{ type: 'raw_text', text: 'test' }],
        [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [] }] }],
      ],
    },
  ],
  'the blocks of 2026': [
    {
      type: 'card',
      title: { type: 'mrkdwn', text: 'app' },
      hero_image: { type: 'image', image_url: 'https://a.test/x.png', alt_text: 'x' },
      actions: [{ type: 'button', text: { type: 'plain_text', text: 'Open' } }],
    },
    { type: 'carousel', elements: [{ type: 'card', body: { type: 'mrkdwn', text: 'one' } }] },
    {
      type: 'container',
      title: { type: 'plain_text', text: 'Logs' },
      width: 'wide',
      is_collapsible: true,
      child_blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '```x```' } }],
    },
    {
      type: 'plan',
      title: 'Release',
      tasks: [{ task_id: 't1', title: 'Build', status: 'complete' }],
    },
    {
      type: 'task_card',
      task_id: 't2',
      title: 'Test',
      status: 'in_progress',
      details: { type: 'rich_text', elements: [] },
      sources: [{ type: 'url', url: 'https://ci.test', text: 'build' }],
    },
    { type: 'data_visualization', title: 'Sizes', chart: { type: 'pie', segments: [] } },
    {
      type: 'video',
      alt_text: 'How to roll back',
      title: { type: 'plain_text', text: 'Roll back' },
      video_url: 'https://video.test/embed/1',
      thumbnail_url: 'https://video.test/1.jpg',
    },
  ],
};
