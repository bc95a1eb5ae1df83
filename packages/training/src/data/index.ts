export { Batcher } from './batch.ts';
export { type DataSet } from './data-set.ts';
export { DataSetMissing } from './store/errors.ts';
export { dataSetFile, readHeader } from './store/format.ts';
export { checkDataSet, loadDataSet, storedHash } from './store/load.ts';
export { importDataSet } from './store/own.ts';
export { prepareDataSet, storedDataSetNames, type StoredDataSetName } from './store/prepare.ts';
