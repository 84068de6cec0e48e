// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker sends to the doors: requests of proxy clients however they are cut, and DNS queries.
#include "core/egress/dns_answer.h"
#include "core/egress/proxy_negotiation.h"
#include "core/model/grant.h"
#include "tests/fuzz/promise.h"

#include <algorithm>
#include <string>

using namespace kiln;
using namespace kiln::test;
using State = ProxyNegotiation::State;

namespace {

struct Told
{
    State state;
    std::string target;
    std::string forward;
    std::string reply;
    bool operator==(const Told &) const = default;
};

Told negotiate(std::string_view bytes, std::size_t step)
{
    ProxyNegotiation negotiation;
    Told told{State::More, {}, {}, {}};
    while (!bytes.empty()) {
        told.state = negotiation.feed(bytes.substr(0, step));
        told.reply += negotiation.takeReply();
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
    if (told.state == State::Ready) {
        told.target = toText(negotiation.target());
        told.forward = negotiation.takeForward();
        promise(parseHostPort(told.target).value_or(Permissions::HostGrant{}) == negotiation.target(),
                "a target is one that could be granted");
    }
    return told;
}

void checkNegotiation(std::string_view bytes)
{
    const Told whole = negotiate(bytes, std::max<std::size_t>(bytes.size(), 1));
    for (const std::size_t step : {std::size_t(1), std::size_t(7)})
        promise(negotiate(bytes, step) == whole, "cuts change nothing");
    promise(whole.forward.size() <= bytes.size() + 512, "no more goes on than came");
    promise(whole.state != State::Refused || !whole.reply.empty(), "a refusal is told");
}

void checkQuery(std::string_view bytes)
{
    const auto answer = dnsAnswer(bytes, [](const std::string &name) -> std::optional<IpAddress> {
        promise(parseHostPort(name + ":1").has_value(), "only hosts' names are looked up");
        return IpAddress::v4(0xc6120100);
    });
    if (answer)
        promise(answer->size() <= bytes.size() + 16 && answer->substr(0, 2) == bytes.substr(0, 2),
                "an answer belongs to its query and does not amplify it");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Input input(data, size);
    if (input.byte() % 2 == 0)
        checkNegotiation(input.rest().substr(0, 20'000));
    else
        checkQuery(input.rest());
    return 0;
}
