#include "app/import.hpp"

namespace poseaug::app {

void add_import_public(CLI::App&) {}

} // namespace poseaug::app
