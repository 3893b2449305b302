import { expect, test } from 'vitest'
import { listCommands, diffSessions, normalizeSession } from './golden.ts'

const golden = ['$ kubectl get pods\nNAME  READY\nweb-HASH-RANDOM  1/1', '$ kubectl get pod x\nnot found']

test('same output: no difference', () => {
  const spoken = [
    { command: 'get pods', output: 'NAME                  READY\nweb-848b9b64d-gbnw9   1/1\n' },
    { command: 'get pod x', output: 'not found\n' },
  ]
  expect(normalizeSession(spoken)).toEqual(golden)
  expect(diffSessions(golden, normalizeSession(spoken))).toEqual([])
  expect(listCommands(golden)).toEqual(['get pods', 'get pod x'])
})

test('other lines: those that only one of both has', () => {
  expect(diffSessions(golden, [golden[0] ?? '', '$ kubectl get pod x\nno such pod'])).toEqual([
    '✗ $ kubectl get pod x',
    '    recorded: not found',
    '    here:     no such pod',
  ])
})

test('other order, or a missing command: a difference too', () => {
  const turned = '$ kubectl get pods\nweb-HASH-RANDOM  1/1\nNAME  READY'
  expect(diffSessions(golden, [turned])).toEqual([
    '✗ $ kubectl get pods: in another order',
    '✗ $ kubectl get pod x',
    '    recorded: not found',
  ])
})
