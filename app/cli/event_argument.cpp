// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_argument.h"

#include "core/model/event.h"

#include <boost/json.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace kiln {

namespace json = boost::json;

Result<std::string> readEvent(const std::string &text)
{
    std::string bytes;
    std::error_code failed;
    if (text == "-") {
        bytes.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else if (!text.empty() && text.find_first_of("{[\"") != 0 && std::filesystem::is_regular_file(text, failed)) {
        std::ifstream file(text, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
        if (!file)
            return fail(Error::Code::Io, "Cannot read the event", text);
    } else {
        bytes = text;
        boost::system::error_code bad;
        static_cast<void>(json::parse(bytes, bad));
        if (bad && text.find('/') != std::string::npos)
            return fail(Error::Code::NotFound, "The event is neither JSON nor a file that is there", text);
    }
    if (std::int64_t(bytes.size()) > maxSyncPayload.count)
        return fail(Error::Code::LimitExceeded, "The event is larger than 6 MB", text,
                    "store it in a file the function may read");
    return bytes;
}

} // namespace kiln
