import { get, put } from './show.ts';
import type { Story } from './show.ts';

const PUTS: readonly (readonly [string, object])[] = [
  [
    'a link',
    {
      text: 'Nightly report of {{BUILD_PIPELINE_NAME}} <{{BUILD_URL}}|#{{BUILD_NAME}}>',
      artifacts: [{ key: 'reports/report.pdf', as: 'link', title: 'Daily report', expires_in: '48h' }],
    },
  ],
  ['an upload', { artifacts: [{ key: 'reports/report.pdf', as: 'upload', title: 'Daily report' }] }],
  [
    'an image',
    {
      text: 'CPU of the web servers',
      artifacts: [
        {
          key: 'charts/cpu.png',
          as: 'image',
          title: 'CPU',
          alt: 'CPU of the web servers over the last hour',
        },
      ],
    },
  ],
  [
    'buttons',
    {
      text: 'Version 1.2.3 is out',
      buttons: [
        { text: 'Deploy', action: 'k8s_deploy', value: { deployment: 'app' }, style: 'primary' },
        { text: 'Release notes', url: 'https://example.com/notes' },
      ],
    },
  ],
];

/** Posts a link, an upload, an image and buttons, each put with the get that Concourse adds after it. */
export async function postMessages(story: Story): Promise<void> {
  const source = story.world.sources.messages;
  for (const [what, params] of PUTS) await get(source, await put(what, { source, params }, story), story);
}
