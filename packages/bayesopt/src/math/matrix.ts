/** A row-major matrix whose row r starts at entry r·stride of `data`. */
export interface Matrix {
  readonly data: Float64Array;
  readonly stride: number;
}
