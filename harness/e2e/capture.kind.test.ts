import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runWithCapture } from '../proof/capture/run-with-capture.ts'
import { isFullAgreement, formatAgreement } from '../proof/capture/agreement.ts'
import { findCaptureObstacle } from '../proof/capture/tcpdump.ts'
import type { Outcome } from '../model/record.ts'
import { createStage } from './stage/stage.ts'

test("capture: in the driver's pod it shows every loss, and no other", async ({ skip }) => {
  const why = findCaptureObstacle()
  skip(why !== null, why ?? '')
  using stage = createStage('kind')
  const out = join(stage.folder, 'captured')
  const captured = await runWithCapture([...stage.options, '--config', 'naive,app-first,graceful'], {
    out,
    output: 'ignore',
  })
  expect(captured.dropped).toBe(0)
  const agreements = captured.runs.map(({ agreements }) => agreements)
  expect(agreements.map((of) => of.length)).toEqual([1, 1, 1])
  for (const agreement of agreements.flat()) {
    expect(isFullAgreement(agreement) ? [] : formatAgreement(agreement)).toEqual([])
    expect(agreement.requests).toBeGreaterThan(300)
  }
  const kinds = agreements.map(([agreement]) => Object.keys(agreement?.losses ?? {}) as Outcome[])
  expect(kinds[0]).toEqual(expect.arrayContaining(['refused', 'closed-before-response']))
  expect(kinds[1]).toContain('http-5xx')
})
