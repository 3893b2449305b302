import { expect, test } from 'vitest'
import { Accounting } from './accounting.ts'
import { RequestState } from './request-state.ts'

/** A request that becomes due and is on its way. */
function startRequest(accounting: Accounting): RequestState {
  const request = new RequestState('reused', 1)
  request.start(accounting.plan(), 0, 0)
  accounting.start()
  return request
}

test('accounting: closes once, when every planned request is settled', () => {
  const accounting = new Accounting(10)
  const request = startRequest(accounting)
  const skipped = Object.assign(new RequestState('fresh'), { seq: accounting.plan() })
  skipped.settle('overload', 1, null)
  accounting.skip(skipped)
  expect([accounting.planned, accounting.inFlight, accounting.close()]).toEqual([2, 1, false])
  request.settle('ok', 2, null)
  accounting.settle(request)
  expect([accounting.inFlight, accounting.records.settled, accounting.close()]).toEqual([0, 2, true])
  expect([accounting.isClosed, accounting.close()]).toEqual([true, false])
})

test('accounting: does not close over a planned request never settled', () => {
  const accounting = new Accounting(10)
  accounting.plan()
  expect(() => accounting.close()).toThrow('does not balance: 1 planned, 0 settled')
})

test('accounting: requests in flight have their room in the buffer', () => {
  const accounting = new Accounting(2)
  const first = startRequest(accounting)
  expect(accounting.hasRoom).toBe(true)
  startRequest(accounting)
  expect(accounting.hasRoom).toBe(false)
  first.settle('ok', 1, null)
  accounting.settle(first)
  expect(accounting.hasRoom).toBe(false)
  accounting.records.acknowledge(1)
  expect(accounting.hasRoom).toBe(true)
})
