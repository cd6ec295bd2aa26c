// Something to be told to whoever watches, that ends nothing: written to stderr, or collected by a test.
#pragma once

#include <functional>
#include <string>

namespace nmstore::tools {

using Remark = std::function<void(const std::string&)>;

}  // namespace nmstore::tools
