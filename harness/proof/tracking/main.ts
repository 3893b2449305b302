/**
 * What it costs to read to which pods connections are led: `node harness/setup/node24.cjs harness/proof/tracking/main.ts [--connections N]
 * [--rate N]`, as root or where user namespaces are allowed. In a network namespace of its own connections are made to a Service's address,
 * with and without a reader.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { createIsolationCommand, systemPath } from '@nodrop/embedded-kubernetes'
import { formatCount } from '../../base/figures.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { measureTracking } from './measure-tracking.ts'
import type { TrackingCost } from './measure-tracking.ts'

const option = { type: 'string' } as const
const { values } = parseArgs({ options: { connections: option, rate: option, inside: { type: 'boolean' } } })
const connections = Number(values.connections ?? '20000')
const ratePerSecond = Number(values.rate ?? '1000')

function formatCost({ conntrackMs, harnessMs, trackedMs, untrackedMs, told, made }: TrackingCost): string[] {
  const per = (ms: number): string => `${((ms / made) * 1000).toFixed(1)} ms`
  return [
    `${formatCount(made)} connections at ${formatCount(ratePerSecond)}/s, ${formatCount(told)} told; CPU time for 1,000 of them:`,
    `  conntrack: ${per(conntrackMs)}`,
    `  harness, which reads and keeps what it says: ${per(harnessMs)}`,
    `  client, server and kernel: ${per(trackedMs)}, without a reader ${per(untrackedMs)}`,
  ]
}

if (values.inside) {
  printLines(...formatCost(await measureTracking({ connections, ratePerSecond })))
} else {
  const [program = '', ...chain] = createIsolationCommand(process.getuid?.() === 0)
  const own = ['--connections', String(connections), '--rate', String(ratePerSecond), '--inside']
  const env = { ...process.env, PATH: systemPath }
  const { status } = spawnSync(program, [...chain, process.execPath, import.meta.filename, ...own], {
    env,
    stdio: 'inherit',
  })
  if (status !== 0) printNotice('The cost of connection tracking could not be measured')
  process.exitCode = status ?? 4
}
