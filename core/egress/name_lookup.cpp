// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/name_lookup.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <thread>
#include <unordered_map>

namespace kiln {

namespace {

constexpr std::size_t mostThreads = 4;
constexpr std::size_t mostWaiting = 256;
constexpr std::size_t mostAddresses = 16;

std::vector<IpAddress> resolve(const std::string &name)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo *list = nullptr;
    std::vector<IpAddress> addresses;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0)
        return addresses;
    for (const addrinfo *each = list; each != nullptr && addresses.size() < mostAddresses; each = each->ai_next)
        if (const auto address = IpAddress::of(each->ai_addr);
            address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
            addresses.push_back(*address);
    ::freeaddrinfo(list);
    return addresses;
}

class SystemNameLookup final : public NameLookup
{
public:
    explicit SystemNameLookup(Loop &loop)
        : m_loop(loop)
        , m_shared(std::make_shared<Shared>())
    {
        // Reached only under the lock, and only while this object lives.
        m_shared->answered = [this](std::uint64_t number, std::vector<IpAddress> addresses) {
            m_loop.post([this, alive = std::weak_ptr(m_alive), number, addresses = std::move(addresses)]() mutable {
                if (!alive.expired())
                    answer(number, std::move(addresses));
            });
        };
    }

    ~SystemNameLookup() override
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->stopped = true;
        m_shared->answered = nullptr;
        m_shared->waiting.clear();
        m_shared->more.notify_all();
    }

    void find(const std::string &name, Found found) override
    {
        const std::uint64_t number = ++m_last;
        m_asked.emplace(number, std::move(found));
        std::unique_lock lock(m_shared->mutex);
        if (m_shared->waiting.size() >= mostWaiting) {
            m_shared->answered(number, {});
            return;
        }
        m_shared->waiting.emplace_back(number, name);
        const bool another = m_shared->idle < m_shared->waiting.size() && m_shared->threads < mostThreads;
        if (another)
            ++m_shared->threads;
        lock.unlock();
        m_shared->more.notify_one();
        if (another)
            std::thread([shared = m_shared] { work(*shared); }).detach();
    }

private:
    struct Shared
    {
        std::mutex mutex;
        std::condition_variable more;
        std::deque<std::pair<std::uint64_t, std::string>> waiting;
        std::function<void(std::uint64_t, std::vector<IpAddress>)> answered;
        std::size_t idle = 0;
        std::size_t threads = 0;
        bool stopped = false;
    };

    static void work(Shared &shared)
    {
        std::unique_lock lock(shared.mutex);
        for (;;) {
            ++shared.idle;
            shared.more.wait(lock, [&] { return shared.stopped || !shared.waiting.empty(); });
            --shared.idle;
            if (shared.stopped)
                return;
            const auto [number, name] = std::move(shared.waiting.front());
            shared.waiting.pop_front();
            lock.unlock();
            std::vector<IpAddress> addresses = resolve(name);
            lock.lock();
            if (shared.answered)
                shared.answered(number, std::move(addresses));
        }
    }

    void answer(std::uint64_t number, std::vector<IpAddress> addresses)
    {
        auto asked = m_asked.extract(number);
        if (asked)
            asked.mapped()(std::move(addresses));
    }

    Loop &m_loop;
    std::shared_ptr<Shared> m_shared;
    std::unordered_map<std::uint64_t, Found> m_asked;
    std::uint64_t m_last = 0;
    std::shared_ptr<int> m_alive = std::make_shared<int>(0);
};

} // namespace

std::unique_ptr<NameLookup> systemNameLookup(Loop &loop) { return std::make_unique<SystemNameLookup>(loop); }

} // namespace kiln
