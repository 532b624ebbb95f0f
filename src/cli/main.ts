#!/usr/bin/env node
import { Command } from 'commander';

const program = new Command('eks-dns').description('EKS DNS logs through Firehose, attributed to the pod');
await program.parseAsync();
