export { Batcher, type BatchOptions } from './batch.ts';
export { exampleSize, type DataSet, type Examples } from './data-set.ts';
export { DataSetMissing, DataSetRefused, DataSetUnavailable, OwnDataSetMissing } from './store/errors.ts';
export { dataSetFile, readHeader } from './store/format.ts';
export { checkDataSet, loadDataSet, storedHash } from './store/load.ts';
export { importDataSet } from './store/own.ts';
export { prepareDataSet, storedDataSetNames, type PrepareOptions, type StoredDataSetName } from './store/prepare.ts';
