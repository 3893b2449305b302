/** Whether a field of an answer has the right value. `unchecked`: answers do not identify themselves by such a field. */
export type FieldMatch = 'unchecked' | 'absent' | 'right' | 'other'
