import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connectApi } from '../cluster/api.ts'
import { checkEmbeddedMachine } from '../cluster/embedded/embedded-machine.ts'
import { listDescendants } from '../testing/residue.ts'
import { NodropProcess, readRuns } from './stage/nodrop-process.ts'
import { createStage } from './stage/stage.ts'
import type { Stage } from './stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

/** Disrupts the one pod that nothing was to disrupt. */
async function killControl(stage: Stage): Promise<void> {
  const api = connectApi(join(stage.findComparison() ?? '', 'kubeconfig'))
  const { items } = await api.core.listPodForAllNamespaces({ labelSelector: 'app=control' })
  for (const { metadata = {} } of items) {
    const { name = '', namespace = '' } = metadata
    await api.core.deleteNamespacedPod({ name, namespace, body: { gracePeriodSeconds: 0 } })
  }
  api.close()
  expect(items.length).toBe(1)
}

describe.skipIf(!able)('a control pod', () => {
  test('that loses requests takes the verdict of a configuration that lost none', { timeout: 90_000 }, async () => {
    using stage = createStage()
    const program = new NodropProcess(['run', ...stage.options, '--config', 'graceful', '--json'], { env: stage.env })
    await program.waitForOutput(/load, undisturbed ·/)
    const made = listDescendants(program.pid)
    await killControl(stage)
    const { code, stdout } = await program.ended
    const [run] = readRuns<{ verdict: string; because: string[]; hypothesis: { held: boolean | null } }>(stdout)
    expect(run?.because).toContainEqual(expect.stringMatching(/^the control lane is dirty: \d+ of \d+ requests/))
    expect([code, run?.verdict, run?.hypothesis.held]).toEqual([4, 'unknown', null])
    await stage.waitUntilClean(made)
  })
})
