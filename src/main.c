/* amx: a verb runs its command; none opens the screen. */
int main(void)
{
    return 0;
}
