internal import CKernels
internal import GRDB
