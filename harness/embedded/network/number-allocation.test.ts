import { expect, test } from 'vitest'
import type { Service } from '../store/objects.ts'
import { Store } from '../store/store.ts'
import { assignNodePorts } from './node-ports.ts'
import { pickFreeNumber } from './number-allocation.ts'

test('Numbers: the last free one is found, and none when all are taken', () => {
  expect(pickFreeNumber(100, (number) => number !== 42)).toBe(42)
  expect(pickFreeNumber(100, () => true)).toBeNull()
})

test('Numbers: the last node port is given, and the next one refused', () => {
  const store = new Store()
  const all = Array.from({ length: 2_767 }, (_, index) => ({ port: 1 + index, nodePort: 30_000 + index }))
  store.create('services', { metadata: { name: 'greedy', namespace: 'default' }, spec: { ports: all } })
  const createService = (): Service => ({
    metadata: { name: 'web' },
    spec: { type: 'NodePort', ports: [{ port: 80 }] },
  })
  const last = createService()
  assignNodePorts(store, last, undefined)
  expect(last.spec?.ports).toEqual([{ port: 80, nodePort: 32_767 }])
  store.create('services', { ...last, metadata: { name: 'web', namespace: 'default' } })
  expect(() => assignNodePorts(store, createService(), undefined)).toThrow(
    'Internal error occurred: failed to allocate a nodePort: range is full',
  )
})
