"""Answers requests about one program's accessibility tree: a JSON object a line, both ways."""

import json
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

# Everything GTK 4 draws is this deep at most; a tree that seems deeper goes in a circle.
DEEPEST = 80

# Milliseconds that a program may take to answer; without a word, 0.8 s.
PATIENCE = 60_000


class NotThere(Exception):
    """What was asked for is not in the tree now; it may come."""


class Driver:
    def __init__(self):
        self.application = None

    def attach(self, request):
        # An act that the program was merely slow to answer would be tried again, and done twice.
        Atspi.set_timeout(PATIENCE, PATIENCE)
        desktop = Atspi.get_desktop(0)
        desktop.set_cache_mask(Atspi.Cache.NONE)
        names = []
        for index in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(index)
            names.append(application.get_name() if application else None)
            if application and application.get_name() == request["application"]:
                # The tree is asked anew each time: cached answers would outlive the widgets.
                application.set_cache_mask(Atspi.Cache.NONE)
                self.application = application
                return True
        raise NotThere(f"no such program; there are {names}")

    def find(self, request):
        self.one(request["query"])
        return True

    def gone(self, request):
        if any(True for _ in self.all(request["query"])):
            raise NotThere("still there")
        return True

    def press(self, request):
        widget = self.one(request["query"])
        action = widget.get_action_iface()
        if action is None or action.get_n_actions() == 0:
            raise NotThere("it cannot be pressed")
        if not widget.get_state_set().contains(Atspi.StateType.SENSITIVE):
            raise NotThere("it is insensitive")
        return action.do_action(0)

    def click(self, request):
        widget = self.one(request["query"])
        place = widget.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
        if place.width <= 0 or place.height <= 0:
            raise NotThere("it has no place in its window yet")
        # What still moves would be missed: it has to be where it was at the last look.
        here = (place.x, place.y, place.width, place.height)
        if request.get("here") != here:
            request["here"] = here
            raise NotThere("it is moving")
        x, y = place.x + place.width // 2, place.y + place.height // 2
        return Atspi.generate_mouse_event(x, y, "b1d" if request.get("twice") else "b1c")

    def checked(self, request):
        return self.one(request["query"]).get_state_set().contains(Atspi.StateType.CHECKED)

    def set_text(self, request):
        editable = self.one(request["query"]).get_editable_text_iface()
        if editable is None:
            raise NotThere("it takes no text")
        return editable.set_text_contents(request["text"])

    def set_value(self, request):
        value = self.one(request["query"]).get_value_iface()
        if value is None:
            raise NotThere("it has no value")
        return value.set_current_value(request["value"])

    def value(self, request):
        value = self.one(request["query"]).get_value_iface()
        if value is None:
            raise NotThere("it has no value")
        return value.get_current_value()

    def text(self, request):
        return content(self.one(request["query"]))

    def described(self, request):
        description = self.one(request["query"]).get_description() or ""
        if request["words"] not in description:
            raise NotThere(f"it is described as {description!r}")
        return True

    def sensitive(self, request):
        if not self.one(request["query"]).get_state_set().contains(Atspi.StateType.SENSITIVE):
            raise NotThere("it is insensitive")
        return True

    def count(self, request):
        return sum(1 for _ in self.all(request["query"]))

    def dump(self, _request=None):
        lines = []
        for depth, widget in walk(self.application):
            states = widget.get_state_set()
            marks = "" if depth == 0 or is_visible(widget) else " (hidden)"
            if depth and not states.contains(Atspi.StateType.SENSITIVE):
                marks += " (insensitive)"
            text = content(widget)
            text = f" = {text!r}" if text != (widget.get_name() or "") else ""
            lines.append(f"{'  ' * depth}{widget.get_role_name()} {widget.get_name()!r}{text}{marks}")
        return "\n".join(lines)

    def one(self, query):
        for index, widget in enumerate(self.all(query)):
            if index == query["index"]:
                return widget
        raise NotThere("no such widget")

    def all(self, query):
        root = self.one(query["within"]) if query["within"] else self.application
        for _, widget in walk(root, is_visible):
            if fits(widget, query):
                yield widget


def walk(widget, enter=lambda _: True, depth=0):
    """The widget and everything in it that may be entered, in reading order."""
    yield depth, widget
    if depth == DEEPEST:
        return
    for index in range(widget.get_child_count()):
        child = widget.get_child_at_index(index)
        # None: it went away between the count and the question.
        if child is not None and enter(child):
            yield from walk(child, enter, depth + 1)


def is_visible(widget):
    """As the program wants it. GTK 4.8 does not tell what is really on the screen: SHOWING is set
    for windows alone, and the hidden pages of a stack are VISIBLE."""
    return widget.get_state_set().contains(Atspi.StateType.VISIBLE)


def plain(name):
    """A name as people see it. GTK 4.8 calls a button with a mnemonic "_Create Create"."""
    words = (name or "").replace("_", "")
    half = len(words) // 2
    if name != words and words[:half] == words[half + 1 :]:
        return words[:half]
    return name or ""


def fits(widget, query):
    if query["role"] is not None and widget.get_role_name() != query["role"]:
        return False
    name = plain(widget.get_name())
    if query["name"] is not None and name != query["name"]:
        return False
    return query["contains"] is None or query["contains"] in name


def content(widget):
    text = Atspi.Accessible.get_text_iface(widget)
    return Atspi.Text.get_text(text, 0, -1) if text is not None else widget.get_name() or ""


def answer(driver, request):
    """Tries until the tree is as the request needs it, or its time is over."""
    end = time.monotonic() + request["limit"]
    while True:
        try:
            return {"result": getattr(driver, request["act"])(request)}
        except (NotThere, GLib.Error) as reason:
            if time.monotonic() >= end:
                tree = driver.dump() if driver.application else ""
                return {"error": f"{reason}\n{tree}"}
        time.sleep(0.05)


def main():
    driver = Driver()
    for line in sys.stdin:
        print(json.dumps(answer(driver, json.loads(line))), flush=True)


main()
