import { expect, test } from 'vitest';
import { admit } from '../../src/slack/admission.ts';

const APP = { appId: 'A1', notAppId: 'A2' };
const TEAM = { teamId: 'T1', enterpriseId: undefined };
const GRID = { teamId: undefined, enterpriseId: 'E1' };
const BOTH = { teamId: 'T1', enterpriseId: 'E1' };
const NOWHERE = { teamId: undefined, enterpriseId: undefined };

const from = (teamId?: string, enterpriseId?: string, userTeamId?: string) => ({
  appId: 'A1',
  teamId,
  enterpriseId,
  userTeamId,
});

test.each([
  ['a workspace, its own', from('T1', undefined, 'T1'), TEAM, 'ok'],
  ['a workspace, its own, of a person whose team is not told', from('T1'), TEAM, 'ok'],
  ['a workspace, its own in an organization', from('T1', 'E1', 'T1'), TEAM, 'ok'],
  ['a workspace, another (S23)', from('T2', undefined, 'T2'), TEAM, 'wrong_team'],
  ['a workspace, none (S23)', from(undefined, 'E1', 'T1'), TEAM, 'wrong_team'],
  ['a workspace, its own, of a foreigner (A14)', from('T1', undefined, 'T2'), TEAM, 'foreign_user'],
  ['an organization, no workspace (S23)', from(undefined, 'E1', 'T7'), GRID, 'ok'],
  ['an organization, any of its workspaces (S23)', from('T7', 'E1', 'T7'), GRID, 'ok'],
  ['an organization, a workspace outside', from('T7', undefined, 'T7'), GRID, 'wrong_team'],
  ['an organization, another one', from(undefined, 'E2', 'T7'), GRID, 'wrong_team'],
  ['a workspace of an organization, its own', from('T1', 'E1', 'T1'), BOTH, 'ok'],
  ['a workspace of an organization, no workspace', from(undefined, 'E1', 'E1'), BOTH, 'ok'],
  ['a workspace of an organization, a sister', from('T7', 'E1', 'T7'), BOTH, 'wrong_team'],
  ['a workspace of an organization, its own under another', from('T1', 'E2', 'T1'), BOTH, 'wrong_team'],
  ['a workspace of an organization, a colleague of a sister', from('T1', 'E1', 'T7'), BOTH, 'ok'],
  ['a workspace of an organization, a foreigner', from('T1', undefined, 'T9'), BOTH, 'foreign_user'],
  ['nothing yet', from('T1', 'E1', 'T1'), NOWHERE, 'home_unknown'],
])('home is %s', (_, named, home, result) => {
  expect(admit(named, APP, home)).toBe(result);
});

test.each([
  ['the one that signed', 'A1', APP, 'ok'],
  ['another', 'A3', APP, 'wrong_app'],
  ['the one of the other secret', 'A2', APP, 'wrong_app'],
  ['any, while the own id is not known', 'A3', { appId: undefined, notAppId: 'A2' }, 'ok'],
  [
    'the one of the other secret, while the own id is not known',
    'A2',
    { appId: undefined, notAppId: 'A2' },
    'wrong_app',
  ],
])('the app is %s', (_, appId, app, result) => {
  expect(admit({ ...from('T1'), appId }, app, TEAM)).toBe(result);
});
