#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The tensors of a published model: `model.safetensors`, or the files that `model.safetensors.index.json` lists.
struct SafetensorsFolder: TensorSource {
    let path: String
    private let files: [SafetensorsFile]
    private let places: [String: Int]

    var tensorNames: [String] { Array(places.keys) }

    /// Throws `ModelFileError` when there is no such file or one of them is damaged.
    init(_ folder: String) throws(ModelFileError) {
        path = folder
        let index = try JSONFile.readIfPresent(Index.self, path: folder + "/model.safetensors.index.json")
        let names = index.map { Set($0.weight_map.values).sorted() } ?? ["model.safetensors"]
        var files: [SafetensorsFile] = []
        var places: [String: Int] = [:]
        for (number, name) in names.enumerated() {
            guard !name.contains("/"), name != ".." else {
                throw .malformed(file: folder + "/model.safetensors.index.json", offset: 0, reason: "it names a file elsewhere")
            }
            let file = try SafetensorsFile(path: folder + "/" + name)
            for tensor in file.tensorNames { places[tensor] = number }
            files.append(file)
        }
        for name in index?.weight_map.keys.sorted() ?? [] where places[name] == nil {
            throw .missingTensor(file: folder, tensor: name, shape: [])
        }
        self.files = files
        self.places = places
    }

    func contains(tensor name: String) -> Bool { places[name] != nil }

    func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let place = places[name] else { throw .missingTensor(file: path, tensor: name, shape: []) }
        return try files[place].tensor(name)
    }

    private struct Index: Decodable {
        let weight_map: [String: String]
    }
}
