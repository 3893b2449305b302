/** A verification for programs. */
import type { StageResult } from '../proof/verify/compare-logs.ts'
import { inventedOk, stagesOf, totalOf } from '../proof/verify/totals.ts'
import type { Verification } from '../proof/verify/verify.ts'

export function jsonOf(verification: Verification, seed: number): Record<string, unknown> {
  const { mix, cuts, overload, freeze, fuzz, neighbours } = verification
  return {
    requests: mix.planned,
    seed,
    accountingError: totalOf(verification, 'accountingError'),
    misclassified: totalOf(verification, 'misclassified'),
    duplicates: totalOf(verification, 'duplicates'),
    inventedOk: stagesOf(verification).reduce((sum, stage) => sum + inventedOk(stage), 0),
    lagP50Us: mix.lag.p50Us,
    lagP99Us: mix.lag.p99Us,
    lagMaxUs: mix.lag.maxUs,
    kinds: mix.rows.map(({ kind, right, injected, cells, counted, wrong }) => {
      return { kind, right, injected, cells, counted, wrong }
    }),
    stages: { mix: sumsOf(mix), cuts: sumsOf(cuts), overload: sumsOf(overload), freeze: freeze && sumsOf(freeze) },
    freeze: freeze && {
      frozenMs: freeze.frozenUs / 1000,
      serviceUs: Math.round(freeze.serviceUs),
      p99Us: { measured: freeze.measured.p99Us, expected: Math.round(freeze.expected.p99Us) },
      overOneSecond: {
        measured: freeze.measured.overOneSecond,
        expected: Math.round(freeze.expected.overOneSecond),
      },
      off: Number(freeze.off.toFixed(4)),
    },
    fuzz,
    neighbours,
  }
}

function sumsOf(stage: StageResult): unknown {
  const { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates } = stage
  return { planned, sent, notSent, ok, lost, tooLate, accountingError, misclassified, duplicates }
}
