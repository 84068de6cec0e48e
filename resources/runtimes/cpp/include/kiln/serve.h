// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <kiln/function.h>
#include <type_traits>

// Between the handler, whatever it takes, and the runtime: part of the main that Kiln writes.
namespace kiln {

using Handler = std::string (*)(std::string_view event, const Context &context);

/// Answers events until the channel closes.
int serve(Handler handler);

template<typename Call> int serve(Call)
{
    if constexpr (std::is_invocable_r_v<std::string, Call, std::string_view &, const Context &>)
        return serve(Handler(
            [](std::string_view event, const Context &context) -> std::string { return Call{}(event, context); }));
    else if constexpr (std::is_invocable_r_v<std::string, Call, std::string &, const Context &>)
        return serve(Handler([](std::string_view event, const Context &context) -> std::string {
            std::string text(event);
            return Call{}(text, context);
        }));
    else if constexpr (std::is_invocable_r_v<std::string, Call, std::string_view &>)
        return serve(Handler([](std::string_view event, const Context &) -> std::string { return Call{}(event); }));
    else if constexpr (std::is_invocable_r_v<std::string, Call, std::string &>)
        return serve(Handler([](std::string_view event, const Context &) -> std::string {
            std::string text(event);
            return Call{}(text);
        }));
    else
        static_assert(sizeof(Call) == 0, "the handler takes a std::string_view (or std::string) and, if it likes, a "
                                         "const kiln::Context &, and returns a std::string");
}

} // namespace kiln
