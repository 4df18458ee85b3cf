import { sampleChartPng, sampleReportPdf } from './sample-files.ts';
import type { Workspace } from './start.ts';

/** Stores the objects that examples/aws-integration.yaml posts: reports/report.pdf and charts/cpu.png below `slack-content/`. */
export async function storeSamples(workspace: Workspace): Promise<void> {
  await store(workspace, 'reports/report.pdf', sampleReportPdf(), 'application/pdf');
  await store(workspace, 'charts/cpu.png', sampleChartPng(), 'image/png');
}

async function store(workspace: Workspace, key: string, bytes: Buffer, type: string): Promise<void> {
  const answer = await fetch(`${workspace.s3Url}/${workspace.bucket}/slack-content/${key}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: new Uint8Array(bytes),
  });
  if (!answer.ok) throw new Error(`storing ${key}: HTTP ${answer.status}`);
}
