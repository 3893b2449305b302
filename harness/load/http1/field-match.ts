/** What an answer has of a field. `unchecked`: answers do not identify themselves by such a field. */
export type FieldMatch = 'unchecked' | 'absent' | 'right' | 'other'
