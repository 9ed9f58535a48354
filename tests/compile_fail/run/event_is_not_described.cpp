// SPDX-License-Identifier: MIT
// before: 10
// expect: members_are_not_registered_with_hana<order_cancelled>
#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

struct order_cancelled {
#ifdef REPAIRED
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
#else
    std::string order;
#endif
};

std::string encode(order_cancelled const& event) {
    std::string out;
    converge::json_codec{}.encode(event, out);
    return out;
}
