#include "engine/host_copy.hpp"

#include "tests/workbench.hpp"

using namespace poseaug;

TEST_CASE("several arrays are read with one wait, as they were when it was queued") {
    for (const auto& device : test::devices()) {
        DeviceArray<double> a(*device, {1, 2, 3});
        DeviceArray<std::int32_t> b(*device, std::vector<std::int32_t>{4});
        const DeviceArray<float> none(*device, 0);
        HostCopy<double> copy_a(*device, 3);
        HostCopy<std::int32_t> copy_b(*device, 1);
        HostCopy<float> copy_none(*device, 0);
        copy_a.queue(a);
        copy_b.queue(b);
        copy_none.queue(none);
        a.zero();
        device->synchronize();
        CHECK(std::vector<double>(copy_a.values().begin(), copy_a.values().end()) == std::vector<double>{1, 2, 3});
        CHECK(copy_b.values()[0] == 4);
        CHECK(copy_none.values().empty());
        CHECK(test::contains(test::error_of([&] { copy_a.queue(DeviceArray<double>(*device, 2)); }),
                             "a copy of 2 elements into one of 3"));
    }
}

TEST_CASE("an array in the host's memory is filled, read, moved and cleared like one on the device") {
    for (const auto& device : test::devices()) {
        DeviceArray<float> array(*device, {1, 2, 3}, Memory::host), other;
        CHECK(array.where() == Memory::host);
        CHECK(DeviceArray<float>(*device, 3).where() == Memory::device);
        other = std::move(array);
        CHECK(other.where() == Memory::host);
        CHECK(other.download() == std::vector<float>{1, 2, 3});
        CHECK(other.data()[1] == 2); // the host's own
        other.zero();
        CHECK(other.download() == std::vector<float>(3));
    }
}
