import { expect, test } from 'vitest'
import { commandsOf, differingLines, normalTexts } from './golden.ts'

const golden = ['$ kubectl get pods\nNAME  READY\nweb-HASH-RANDOM  1/1', '$ kubectl get pod x\nnot found']

test('a session that printed the same has nothing to tell', () => {
  const spoken = [
    { command: 'get pods', output: 'NAME                  READY\nweb-848b9b64d-gbnw9   1/1\n' },
    { command: 'get pod x', output: 'not found\n' },
  ]
  expect(normalTexts(spoken)).toEqual(golden)
  expect(differingLines(golden, normalTexts(spoken))).toEqual([])
  expect(commandsOf(golden)).toEqual(['get pods', 'get pod x'])
})

test('of a command that printed something else, the lines that only one of both has are told', () => {
  expect(differingLines(golden, [golden[0] ?? '', '$ kubectl get pod x\nno such pod'])).toEqual([
    '✗ $ kubectl get pod x',
    '    recorded: not found',
    '    here:     no such pod',
  ])
})

test('the same lines in another order are a difference, and so is a command that is missing', () => {
  const turned = '$ kubectl get pods\nweb-HASH-RANDOM  1/1\nNAME  READY'
  expect(differingLines(golden, [turned])).toEqual([
    '✗ $ kubectl get pods: in another order',
    '✗ $ kubectl get pod x',
    '    recorded: not found',
  ])
})
