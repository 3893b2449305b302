/** Any request that the table of fields allows, for properties of all requests. */
import fc from 'fast-check'
import { lanes } from '../../model/plan.ts'
import { requestFields, requestOutcomes } from '../../model/record.ts'
import type { RequestField, RequestRecord } from '../../model/record.ts'

/** The largest instant for which the difference of any two is exact in a double. */
export const latestUs: number = 2 ** 52

function anyValue(field: RequestField): fc.Arbitrary<unknown> {
  const most = 'below' in field ? field.below - 1 : Number.MAX_SAFE_INTEGER
  const values: Record<RequestField['kind'], fc.Arbitrary<unknown>> = {
    count: fc.oneof(
      fc.nat(Math.min(most, 100_000)),
      fc.maxSafeNat().map((number) => number % (most + 1)),
      fc.constant(most),
    ),
    instant: fc.oneof(fc.nat(10 ** 9), fc.integer({ min: -latestUs, max: latestUs })),
    duration: fc.oneof(fc.nat(10 ** 6), fc.maxSafeNat()),
    text: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constant('\ud800"\\\u2028\n'),
    ),
    lane: fc.constantFrom(...lanes),
    outcome: fc.constantFrom(...requestOutcomes),
  }
  return field.nullable ? fc.option(values[field.kind], { nil: null }) : values[field.kind]
}

export const anyRequest: fc.Arbitrary<RequestRecord> = fc.record(
  Object.fromEntries(requestFields.map((field) => [field.name, anyValue(field)])),
) as unknown as fc.Arbitrary<RequestRecord>
