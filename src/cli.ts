#!/usr/bin/env node
import { s3ToSlack } from './resource/s3-to-slack.ts';
import { runProgram } from './resource/run-step.ts';

process.exitCode = await runProgram('s3-to-slack', process, s3ToSlack(process.argv.slice(2)));
