import { expect, test } from 'vitest'
import type { ContainerMoment, MomentSource } from '../../model/record.ts'
import { buildContainerLives } from './container-life.ts'
import type { RecordOf } from '../facts/evidence.ts'
import { isClaim } from './certainty.ts'

const ms = 1_000

function createMoment(
  at: number,
  moment: ContainerMoment,
  source: MomentSource,
  more: { errorUs?: number; detail?: string } = {},
): RecordOf<'container'> {
  const errorUs = more.errorUs ?? (source === 'kubelet' ? 1 : source === 'log' ? 5_500 : 500 * ms)
  return {
    type: 'container',
    t: at,
    at,
    errorUs,
    source,
    pod: 'web-1',
    container: 'nginx',
    moment,
    detail: more.detail ?? null,
  }
}
const buildMoments = (records: RecordOf<'container'>[]) =>
  buildContainerLives(records)[0]?.moments.map(({ moment, source, atUs, detail }) => [moment, source, atUs, detail])

test('claims: one about an exact moment adds its exit code and is dropped', () => {
  const records = [
    createMoment(9_700 * ms, 'exited', 'status', { detail: '0' }),
    createMoment(9_120 * ms, 'exited', 'log'),
    createMoment(9_050 * ms, 'signal', 'log', { detail: 'SIGTERM' }),
  ]
  expect(buildMoments(records)).toEqual([
    ['signal', 'log', 9_050 * ms, 'SIGTERM'],
    ['exited', 'log', 9_120 * ms, '0'],
  ])
})

test('a claim without a more exact moment stays', () => {
  const records = [
    createMoment(3_500 * ms, 'exited', 'status', { detail: '137' }),
    createMoment(9_120 * ms, 'exited', 'log'),
  ]
  expect(buildMoments(records)).toEqual([
    ['exited', 'status', 3_500 * ms, '137'],
    ['exited', 'log', 9_120 * ms, null],
  ])
})

test('a signal that was sent and one that was received are two moments', () => {
  const records = [createMoment(10 * ms, 'signal', 'log'), createMoment(9 * ms, 'signal', 'kubelet')]
  expect(buildMoments(records)).toHaveLength(2)
})

test('what another machine’s clock says is a claim as well', () => {
  expect(isClaim({ source: 'log', errorUs: 1_005_500 })).toBe(true)
  expect(isClaim({ source: 'log', errorUs: 5_500 })).toBe(false)
  expect(isClaim({ source: 'event', errorUs: 49 * ms })).toBe(true)
})
