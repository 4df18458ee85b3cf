// The fakes of the tests in a process of their own: signatures verified, every call counted, the unknown refused.
import { startFakeAws } from '../../test/fakes/aws/server.ts';
import { startFakeSlack } from '../../test/fakes/slack/server.ts';

const slack = await startFakeSlack();
const aws = await startFakeAws({
  accessKeyId: 'AKIABENCHMARK0000001',
  secretAccessKey: 'a-secret-of-the-bench',
});
aws.s3.put('ci-artifacts', 'reports/report.pdf', 'a report', { type: 'application/pdf' });

process.on('message', () => {
  slack.expectNoUnknown();
  aws.expectNoUnknown();
  process.send?.({
    slackApi: slack.apiUrl,
    slackToken: slack.token,
    aws: aws.url,
    slackCalls: slack.calls.length,
    s3Calls: aws.s3.calls.length,
  });
});
