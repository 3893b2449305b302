import type { Verdict } from '../../model/result.ts'
import { withStyle } from '../text.ts'
import type { StyledText } from '../text.ts'

/** The colour means lost or not lost, whatever was expected. */
const marks = {
  passed: withStyle('green', '✓'),
  failed: withStyle('red', '✗'),
  unknown: withStyle('yellow', '?'),
} satisfies Record<Verdict, StyledText>

/** One column wide. Without a verdict the result is unknown. */
export function formatMark(verdict: Verdict = 'unknown'): StyledText {
  return marks[verdict]
}
