import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../base/child-process.ts'
import { buildImages, loadImages } from '../../cluster/kind/images.ts'
import { startKindCluster } from '../../cluster/kind/kind-cluster.ts'
import type { LossOrigins } from '../../model/loss.ts'
import { home, readRuns, runNodrop } from '../stage/nodrop-process.ts'
import { createStage, isDisturbed } from '../stage/stage.ts'
import type { JudgedRun, Stage } from '../stage/stage.ts'

const image = process.env['NODROP_KIND_IMAGE'] ?? 'kindest/node:v1.34.4'
/** A program that installs an ingress controller, with a default class, in a kind cluster: `PROGRAM CLUSTER KUBECONFIG`. */
const installController = process.env['NODROP_INGRESS_UP']
const name = 'nodrop-test-ingress'

interface RunJson extends JudgedRun {
  configuration: string
  ledger: { planned: number; sent: number; notSent: number; ok: number; lost: number }
  lossOrigins: LossOrigins
}

describe.skipIf(installController === undefined)('through an ingress controller', () => {
  const stack = new AsyncDisposableStack()
  let stage: Stage
  let kubeconfig: string
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nodrop-ingress-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    stage = stack.use(createStage())
    const log = (): void => undefined
    const cluster = stack.use(await startKindCluster({ stateDir: folder, name, image, workers: 1, log }))
    kubeconfig = cluster.kubeconfig
    const extra = { driver: { node: process.execPath } }
    const images = await buildImages({ folder: join(home, 'apps'), extra, stateDir: folder, log })
    await loadImages(kubeconfig, images, { log })
    const installed = await runCommand([installController ?? '', name, kubeconfig], { limitMs: 240_000 })
    if (installed.exitCode !== 0) throw new Error(`Cannot install an ingress controller: ${installed.stderr}`)
  })
  afterAll(() => stack.disposeAsync())

  test('losses are split by who failed them, and the account balances; graceful loses none', async () => {
    const [, , ...rest] = stage.options
    const where = ['--cluster', 'kubeconfig', '--context', `kind-${name}`, '--via', 'ingress=shop.example']
    const env = { ...stage.env, KUBECONFIG: kubeconfig }
    const { stdout, stderr } = await runNodrop(['run', ...where, ...rest, '--config', 'naive,graceful', '--json'], {
      env,
    })
    const runs = readRuns<RunJson>(stdout)
    expect({ names: runs.map(({ configuration }) => configuration), stderr }).toMatchObject({
      names: ['naive', 'graceful'],
    })
    for (const { ledger, lossOrigins } of runs) {
      expect(ledger.planned).toBe(ledger.sent + ledger.notSent)
      expect(ledger.sent).toBe(ledger.ok + ledger.lost)
      expect(lossOrigins.byController + lossOrigins.byPod + lossOrigins.unknown).toBe(ledger.lost)
      // The kernel's reports at both hops.
      expect(lossOrigins.untold).toBeNull()
      expect(lossOrigins.connections.toController).toBeGreaterThan(100)
      expect(lossOrigins.connections.toPods).toBeGreaterThan(2)
      expect(lossOrigins.connectedUs).not.toBeNull()
    }
    // On a busy machine the driver may be late: then the figures mean nothing.
    const [naive, graceful] = runs
    if (naive && !isDisturbed(naive)) expect(naive.lossOrigins.byController).toBeGreaterThan(0)
    if (graceful && !isDisturbed(graceful)) expect(graceful.ledger.lost).toBe(0)
  })
})
