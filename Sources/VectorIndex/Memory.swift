#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Memory from `calloc`: large pieces come from the kernel already zero and take no room until touched.
enum Zeroed {
    static func allocate<T>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
        guard let memory = calloc(max(count, 1), MemoryLayout<T>.stride) else { outOfMemory() }
        return memory.assumingMemoryBound(to: T.self)
    }

    static func free(_ memory: UnsafeMutableRawPointer?) {
        #if canImport(Glibc)
            Glibc.free(memory)
        #elseif canImport(Musl)
            Musl.free(memory)
        #else
            Darwin.free(memory)
        #endif
    }

    /// As the standard library does when an allocation fails: there is nothing to go on with.
    private static func outOfMemory() -> Never { preconditionFailure("out of memory") }
}

/// Blocks outside of the cache: those of a writer, and those that the cache would not take.
enum Block {
    static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        block.initializeMemory(as: UInt8.self, repeating: 0, count: BlockHeader.size)
        return block
    }
    static func free(_ block: UnsafeMutableRawPointer) { block.deallocate() }
}
