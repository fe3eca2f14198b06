#include "data/import/read_hdf5.hpp"
#include "engine/shared_library.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <utility>

namespace poseaug {
namespace {

constexpr std::int64_t kMostValues = 1 << 26;
constexpr int kMostDimensions = 8;
constexpr unsigned kReadOnly = 0; // H5F_ACC_RDONLY, whose macro also calls a function of the library

/// What is used of the library. Opened once; its own printing of errors is turned off.
struct Library {
    SharedLibrary file{POSEAUG_HDF5_RUNTIME, "reads these files", "On Debian or Ubuntu: apt install libhdf5-dev"};
    template <class F> F* get(const char* name) const { return file.symbol<F>(name); }

    decltype(H5open)* open_library = get<decltype(H5open)>("H5open");
    decltype(H5Eset_auto2)* set_error_printer = get<decltype(H5Eset_auto2)>("H5Eset_auto2");
    decltype(H5Pcreate)* create_properties = get<decltype(H5Pcreate)>("H5Pcreate");
    decltype(H5Pclose)* close_properties = get<decltype(H5Pclose)>("H5Pclose");
    decltype(H5Pset_fapl_core)* set_in_memory = get<decltype(H5Pset_fapl_core)>("H5Pset_fapl_core");
    decltype(H5Pset_file_image)* set_image = get<decltype(H5Pset_file_image)>("H5Pset_file_image");
    decltype(H5Pset_elink_cb)* set_link_guard = get<decltype(H5Pset_elink_cb)>("H5Pset_elink_cb");
    decltype(H5Pget_layout)* layout = get<decltype(H5Pget_layout)>("H5Pget_layout");
    decltype(H5Pget_external_count)* external_count = get<decltype(H5Pget_external_count)>("H5Pget_external_count");
    decltype(H5Fopen)* open_file = get<decltype(H5Fopen)>("H5Fopen");
    decltype(H5Fclose)* close_file = get<decltype(H5Fclose)>("H5Fclose");
    decltype(H5Lexists)* link_exists = get<decltype(H5Lexists)>("H5Lexists");
    decltype(H5Dopen2)* open_dataset = get<decltype(H5Dopen2)>("H5Dopen2");
    decltype(H5Dclose)* close_dataset = get<decltype(H5Dclose)>("H5Dclose");
    decltype(H5Dget_create_plist)* creation = get<decltype(H5Dget_create_plist)>("H5Dget_create_plist");
    decltype(H5Dget_space)* space = get<decltype(H5Dget_space)>("H5Dget_space");
    decltype(H5Dget_type)* type = get<decltype(H5Dget_type)>("H5Dget_type");
    decltype(H5Dget_storage_size)* stored_bytes = get<decltype(H5Dget_storage_size)>("H5Dget_storage_size");
    decltype(H5Dread)* read = get<decltype(H5Dread)>("H5Dread");
    decltype(H5Sget_simple_extent_ndims)* rank =
        get<decltype(H5Sget_simple_extent_ndims)>("H5Sget_simple_extent_ndims");
    decltype(H5Sget_simple_extent_dims)* extents =
        get<decltype(H5Sget_simple_extent_dims)>("H5Sget_simple_extent_dims");
    decltype(H5Sclose)* close_space = get<decltype(H5Sclose)>("H5Sclose");
    decltype(H5Tget_class)* type_class = get<decltype(H5Tget_class)>("H5Tget_class");
    decltype(H5Tclose)* close_type = get<decltype(H5Tclose)>("H5Tclose");

    Library() {
        open_library();
        set_error_printer(H5E_DEFAULT, nullptr, nullptr);
    }
    /// An id that the library sets when it opens.
    hid_t constant(const char* name) const { return *get<hid_t>(name); }
};

const Library& library() {
    static const Library opened;
    return opened;
}

/// Something open in the library; below zero where it could not be opened.
class Handle {
public:
    Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Handle& operator=(Handle&&) = delete;
    hid_t id() const { return id_; }
    bool is_open() const { return id_ >= 0; }

private:
    hid_t id_;
    herr_t (*close_)(hid_t);
};

Handle properties(const char* kind) {
    return {library().create_properties(library().constant(kind)), library().close_properties};
}

Handle open_image(const std::vector<std::byte>& bytes, const std::string& where) {
    const Library& h5 = library();
    const Handle access = properties("H5P_CLS_FILE_ACCESS_ID_g");
    constexpr std::size_t growth = 1 << 20;
    // The library's image is not const, but it is copied and left alone.
    const bool ready = !bytes.empty() && h5.set_in_memory(access.id(), growth, false) >= 0 &&
                       h5.set_image(access.id(), const_cast<std::byte*>(bytes.data()), bytes.size()) >= 0;
    Handle file(ready ? h5.open_file("image in memory", kReadOnly, access.id()) : -1, h5.close_file);
    if (!file.is_open()) throw Error(where + ": is not an HDF5 file, or is damaged or cut short");
    return file;
}

/// Called before an external link is followed: never.
herr_t refuse_link(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) { return -1; }

} // namespace

struct Hdf5File::State {
    std::string where;
    Handle file;

    /// Refuses values that stand elsewhere than in the image.
    void require_inside(const Handle& dataset, const std::string& name) const {
        const Handle creation(library().creation(dataset.id()), library().close_properties);
        if (!creation.is_open() || library().layout(creation.id()) == H5D_VIRTUAL ||
            library().external_count(creation.id()) != 0)
            throw Error(fmt::format("{}: the values of '{}' stand in other files, which are not read", where, name));
    }
    std::vector<std::int64_t> shape(const Handle& dataset, const std::string& name) const {
        const Handle space(library().space(dataset.id()), library().close_space);
        const int rank = space.is_open() ? library().rank(space.id()) : -1;
        if (rank < 0 || rank > kMostDimensions)
            throw Error(fmt::format("{}: '{}' is no array of at most {} dimensions", where, name, kMostDimensions));
        hsize_t extents[kMostDimensions] = {};
        library().extents(space.id(), extents, nullptr);
        std::vector<std::int64_t> shape(extents, extents + rank);
        const std::int64_t values = element_count(shape, where + ": '" + name + "'");
        if (values > kMostValues)
            throw Error(fmt::format("{}: '{}' is {}, more than the {} values that are read", where, name,
                                    describe_shape(shape), kMostValues));
        if (values > 0 && library().stored_bytes(dataset.id()) == 0)
            throw Error(fmt::format("{}: '{}' is {}, but no values are stored", where, name, describe_shape(shape)));
        return shape;
    }
    void require_numbers(const Handle& dataset, const std::string& name) const {
        const Handle type(library().type(dataset.id()), library().close_type);
        const H5T_class_t kind = type.is_open() ? library().type_class(type.id()) : H5T_NO_CLASS;
        if (kind != H5T_INTEGER && kind != H5T_FLOAT)
            throw Error(fmt::format("{}: '{}' holds something else than numbers", where, name));
    }
};

Hdf5File::Hdf5File(const std::vector<std::byte>& bytes, const std::string& where)
    : state_(new State{where, open_image(bytes, where)}) {}

Hdf5File::~Hdf5File() = default;

Array Hdf5File::read(const std::string& name) const {
    const Library& h5 = library();
    if (h5.link_exists(state_->file.id(), name.c_str(), H5P_DEFAULT) <= 0)
        throw Error(fmt::format("{}: has no dataset '{}'", state_->where, name));
    const Handle access = properties("H5P_CLS_DATASET_ACCESS_ID_g");
    h5.set_link_guard(access.id(), refuse_link, nullptr);
    const Handle dataset(h5.open_dataset(state_->file.id(), name.c_str(), access.id()), h5.close_dataset);
    if (!dataset.is_open())
        throw Error(fmt::format("{}: '{}' is no dataset of this file, or the file is damaged", state_->where, name));
    state_->require_inside(dataset, name);
    state_->require_numbers(dataset, name);
    Array array;
    array.type = ElementType::f64;
    array.shape = state_->shape(dataset, name);
    array.bytes.resize(static_cast<std::size_t>(array.size()) * sizeof(double));
    if (array.size() > 0 && h5.read(dataset.id(), h5.constant("H5T_NATIVE_DOUBLE_g"), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                    array.bytes.data()) < 0)
        throw Error(fmt::format("{}: '{}' cannot be read; the file is damaged or cut short", state_->where, name));
    return array;
}

} // namespace poseaug
