"""Which day was the warmest?"""

import almanac

day, degrees = almanac.warmest()
print(f"warmest: {day}, {degrees} degrees")
