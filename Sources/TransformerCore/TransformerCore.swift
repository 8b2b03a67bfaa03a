internal import CKernels
internal import Tokenizers
