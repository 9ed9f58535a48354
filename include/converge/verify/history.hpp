// SPDX-License-Identifier: MIT
#pragma once

namespace converge {

// The words of counterexamples. They are types, so that every compiler prints them in the user's own names.

/// Events in the order in which they arrive, from the initial state on. A guarded event stands as `if_<...>`
/// or `unless<...>`.
template <class... Events> struct history {};

/// Where a history leads: the state, or each of the states in which its end differs from the other's, and
/// which effects stand there and not at the other's end (`stands<...>`).
template <class History, class... States> struct ends {};

/// The commands of the effects that stand, or the outcomes that hold.
template <class... Commands> struct stands {};

/// What a history leaves standing: commands sent and not undone.
template <class History, class... Commands> struct sends {};

/// How many of a command a history leaves standing, where it is not 0; negative when more are undone than
/// sent.
template <int Times, class Command> struct times {};

/// What would make this difference go away: either of the two. It is a proposal; which of them is right, the
/// compiler cannot know.
template <class One, class Other> struct mend_with_either {};

/// What would make this difference go away.
template <class Remedy> struct mend_with {};

} // namespace converge
